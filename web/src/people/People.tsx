import { useState } from "react";
import { goTo, useParameter, wentByHand } from "../api/address.ts";
import { formatCountOf } from "../look/format.ts";
import { Notice } from "../look/Notice.tsx";
import { Section } from "../look/Section.tsx";
import { Profile } from "./Profile.tsx";
import { Search } from "./Search.tsx";
import style from "./People.module.css";

/** Find a person; see the records that are this person, and why. */
export function People({ profiles }: { readonly profiles: number }) {
  const profileId = useParameter("profile");
  // Whoever opens a profile by hand is taken to it; one that came with the address leaves the focus alone.
  const [openedByHand, setOpenedByHand] = useState(() => (wentByHand() ? profileId : null));
  const open = (id: string) => {
    setOpenedByHand(id);
    goTo({ profile: id });
  };
  return (
    <Section
      id="people"
      title="Find a person"
      lead={`${formatCountOf(profiles, "profile")}. Each shows its source records side by side, and why they are one person.`}
    >
      <div className={style.panes}>
        <Search openId={profileId} onOpen={open} />
        <div className={style.profile}>
          {profileId === null ? (
            <Notice title="No profile is open.">
              <p>Choose a person from the list, with the mouse or with the arrow keys and Enter.</p>
            </Notice>
          ) : (
            <Profile key={profileId} profileId={profileId} takesFocus={profileId === openedByHand} />
          )}
        </div>
      </div>
    </Section>
  );
}
