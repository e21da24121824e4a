import { Skeleton } from "@mantine/core";
import style from "./HomeSkeleton.module.css";

/** The page's outline while the first answer is under way: the same boxes, so that nothing jumps. */
export function HomeSkeleton() {
  return (
    <div className={style.outline} role="status">
      <span className="unseen">Loading the figures.</span>
      <Skeleton height={30} width="16rem" />
      <div className={style.picture}>
        {["sources", "people", "tables", "segments", "shares"].map((stage) => (
          <Skeleton key={stage} className={style.stage} />
        ))}
      </div>
      <div className={style.answers}>
        {["interoperable", "copy", "parts"].map((question) => (
          <Skeleton key={question} height={150} />
        ))}
      </div>
    </div>
  );
}
