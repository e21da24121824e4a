import type { ReactNode } from "react";
import { Button } from "@mantine/core";
import { RequestError } from "../api/request.ts";
import style from "./Notice.module.css";

interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly tone?: "plain" | "alarm";
}

/** A state of its own in place of what cannot be shown: what is so, and what to do. */
export function Notice({ title, children, tone = "plain" }: NoticeProps) {
  return (
    <div className={style.notice} data-tone={tone} role={tone === "alarm" ? "alert" : undefined}>
      <h3 className={style.title}>{title}</h3>
      {children !== undefined && <div className={style.body}>{children}</div>}
    </div>
  );
}

/** What a failed request says, its remedy, and a button to try again. */
export function FailureNotice({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  return (
    <Notice title={error.message} tone="alarm">
      {error instanceof RequestError && error.remedy !== undefined && <p>{error.remedy}</p>}
      <Button size="xs" variant="default" onClick={onRetry}>
        Try again
      </Button>
    </Notice>
  );
}
