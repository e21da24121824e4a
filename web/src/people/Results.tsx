import { useEffect } from "react";
import { Skeleton } from "@mantine/core";
import type { FoundProfile } from "../api/shape.ts";
import { formatCountOf } from "../look/format.ts";
import { Notice } from "../look/Notice.tsx";
import style from "./Results.module.css";

export const listId = "profile-results";
export const optionId = (index: number) => `profile-result-${index}`;

interface ResultsProps {
  readonly profiles: readonly FoundProfile[];
  readonly text: string;
  readonly loading: boolean;
  readonly dimmed: boolean;
  readonly active: number;
  readonly openId: string | null;
  readonly onChoose: (index: number) => void;
}

export function Results({ profiles, text, loading, dimmed, active, openId, onChoose }: ResultsProps) {
  useEffect(() => {
    document.getElementById(optionId(active))?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const none = !loading && !dimmed && profiles.length === 0;
  return (
    <>
      {none && text !== "" && (
        <Notice title={`No name or e-mail matches “${text}”.`}>
          <p>A part of it is enough: fewer letters find more.</p>
        </Notice>
      )}
      <ul
        id={listId}
        role="listbox"
        aria-label="Profiles"
        aria-busy={loading || dimmed}
        className={style.results}
        data-dimmed={dimmed}
        hidden={none}
      >
        {loading
          ? Array.from({ length: 6 }, (_, index) => <Skeleton key={index} height={54} my={4} />)
          : profiles.map((profile, index) => (
              <li
                key={profile.profileId}
                id={optionId(index)}
                role="option"
                aria-selected={profile.profileId === openId}
                data-active={index === active}
                className={style.result}
                onClick={() => onChoose(index)}
              >
                <span className={style.name}>{profile.name ?? "No name"}</span>
                <span className={style.records}>{formatCountOf(profile.records, "record")}</span>
                <span className={style.about}>
                  {[profile.email, profile.city].filter((part) => part !== null && part !== "").join(" · ") ||
                    "No e-mail"}
                </span>
              </li>
            ))}
      </ul>
    </>
  );
}
