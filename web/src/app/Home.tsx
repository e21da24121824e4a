import { useOverview } from "../api/queries.ts";
import { Answers } from "../answers/Answers.tsx";
import { FailureNotice } from "../look/Notice.tsx";
import { People } from "../people/People.tsx";
import { Picture } from "../picture/Picture.tsx";
import { Frame } from "./Frame.tsx";
import { HomeSkeleton } from "./HomeSkeleton.tsx";
import { NothingYet } from "./NothingYet.tsx";
import style from "./Frame.module.css";

/** The first page: the record's way, the three answers, the people. */
export function Home() {
  const overview = useOverview();
  const data = overview.data;
  const empty = data !== undefined && data.tables.length === 0 && data.people.profiles === 0;
  return (
    <Frame page="home" skipTo={["people", "Skip to the profile search"]}>
      {data === undefined && overview.error === null && <HomeSkeleton />}
      {data === undefined && overview.error !== null && (
        <div className={style.failure}>
          <FailureNotice error={overview.error} onRetry={() => void overview.refetch()} />
        </div>
      )}
      {data !== undefined && (
        <>
          {empty && <NothingYet overview={data} />}
          <Picture overview={data} nowMs={overview.dataUpdatedAt} />
          <Answers answers={data.answers} />
          {!empty && <People profiles={data.people.profiles} />}
        </>
      )}
    </Frame>
  );
}
