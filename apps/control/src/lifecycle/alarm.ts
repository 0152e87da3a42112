/** The alarm of a lifecycle object: durable, one at a time, and run again where it throws. */
export interface Alarm {
  /** @returns when it fires, in milliseconds since 1970; null where it is not set. */
  get(): Promise<number | null>;
  set(at: number | null): void;
}

type AlarmStorage = Pick<DurableObjectStorage, "getAlarm" | "setAlarm" | "deleteAlarm">;

/** The alarm of a Durable Object. */
export function alarmOf(storage: AlarmStorage): Alarm {
  return {
    get: () => storage.getAlarm(),
    set: (at) => {
      void (at === null ? storage.deleteAlarm() : storage.setAlarm(at));
    },
  };
}
