import { useEffect, useRef } from "react";
import { Skeleton } from "@mantine/core";
import { useProfile } from "../api/queries.ts";
import type { Profile as ProfileData } from "../api/shape.ts";
import { formatCountOf } from "../look/format.ts";
import { FailureNotice } from "../look/Notice.tsx";
import { Attributes } from "./Attributes.tsx";
import { nameOf } from "./name.ts";
import { Records } from "./Records.tsx";
import { Why } from "./Why.tsx";
import style from "./Profile.module.css";

interface ProfileProps {
  readonly profileId: string;
  readonly takesFocus: boolean;
}

export function Profile({ profileId, takesFocus }: ProfileProps) {
  const profile = useProfile(profileId);
  if (profile.data !== undefined) return <OpenProfile profile={profile.data} takesFocus={takesFocus} />;
  if (profile.error !== null) {
    return <FailureNotice error={profile.error} onRetry={() => void profile.refetch()} />;
  }
  return (
    <div className={style.loading} role="status">
      <span className="unseen">Loading the profile.</span>
      <Skeleton height={32} width="40%" />
      <Skeleton height={220} />
      <Skeleton height={220} />
    </div>
  );
}

function OpenProfile({
  profile,
  takesFocus,
}: {
  readonly profile: ProfileData;
  readonly takesFocus: boolean;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  const sources = new Set(profile.records.map((record) => record.source));
  return (
    <article className={style.profile} aria-labelledby="profile-name">
      <header>
        <h3 id="profile-name" className={style.name} tabIndex={-1} ref={heading}>
          {nameOf(profile.merged) ?? "No name"}
        </h3>
        <p className={style.about}>
          {formatCountOf(profile.records.length, "record")} from {formatCountOf(sources.size, "source")}
          <span className={`mono ${style.id}`}>{profile.profileId}</span>
        </p>
      </header>
      <Attributes values={profile.attributes} />
      <Records records={profile.records} />
      <Why records={profile.records} links={profile.links} />
    </article>
  );
}
