/** What a class offers, without how: another implementation, in memory, can stand in its place. */
export type Face<Class> = Pick<Class, keyof Class>;
