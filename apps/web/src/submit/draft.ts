/** What is written and not yet sent, per project: it outlives a reload and a failed request, and goes when it was taken. */
const prefix = "sam.draft.";

export function readDraft(projectId: string): string {
  try {
    return sessionStorage.getItem(prefix + projectId) ?? "";
  } catch {
    return "";
  }
}

export function writeDraft(projectId: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(prefix + projectId);
    else sessionStorage.setItem(prefix + projectId, text);
  } catch {
    // Storage may be refused or full: the text still stands in the field.
  }
}
