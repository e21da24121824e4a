import { Component, type ReactNode } from "react";
import { Button } from "@mantine/core";
import { Notice } from "../look/Notice.tsx";

interface State {
  readonly error: Error | undefined;
}

/** A fault of the page itself: say so, rather than show an empty window. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return (
      <main style={{ maxWidth: "40rem", margin: "4rem auto", padding: "0 1rem" }}>
        <Notice title="This page has a fault." tone="alarm">
          <p>{this.state.error.message}</p>
          <p>Your lake is untouched: the page only reads. The browser&rsquo;s console has the details.</p>
          <Button size="xs" variant="default" onClick={() => location.reload()}>
            Load the page again
          </Button>
        </Notice>
      </main>
    );
  }
}
