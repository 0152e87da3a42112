/** HTML in an agent's markdown is shown as the text that it is: it never becomes an element. */
interface TreeNode {
  type: string;
  value?: string;
  children?: TreeNode[];
}

/** A step of the way from markdown to elements. */
export function rawAsText() {
  return (tree: TreeNode): void => turn(tree);
}

function turn(node: TreeNode): void {
  if (node.type === "raw") node.type = "text";
  for (const child of node.children ?? []) turn(child);
}
