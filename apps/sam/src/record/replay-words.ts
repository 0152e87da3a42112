/** Words that an export and a replay share. */

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function words(name: string): string {
  return name.replaceAll("_", " ");
}
