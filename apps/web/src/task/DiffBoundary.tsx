/** A patch that cannot be set is shown as the text that it is. */
import { Component, type ReactNode, Suspense } from "react";

export interface DiffBoundaryProps {
  /** The patch as plain text. */
  readonly text: string;
  readonly children: ReactNode;
}

export class DiffBoundary extends Component<DiffBoundaryProps, { readonly hasFailed: boolean }> {
  override readonly state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    const plain = (
      <pre tabIndex={0} className="overflow-auto p-2 font-mono text-xs leading-5">
        {this.props.text}
      </pre>
    );
    return this.state.hasFailed ? plain : <Suspense fallback={plain}>{this.props.children}</Suspense>;
  }
}
