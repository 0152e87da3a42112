/** A branch name is what git-check-ref-format(1) allows, and nothing that reads as an option or leaves a folder. */

export function isBranchName(text: string): boolean {
  const parts = text.split("/");
  return (
    !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|^-|\.$/u.test(text) &&
    text !== "@" &&
    parts.every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"))
  );
}
