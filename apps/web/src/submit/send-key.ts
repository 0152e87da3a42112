/** Ctrl+Enter, or Cmd+Enter, sends the form that the field is in; Enter alone is a new line. */
import type { KeyboardEvent } from "react";

export function sendOnCtrlEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== "Enter" || (!event.ctrlKey && !event.metaKey) || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
