import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { searchLimit, useSearch } from "../api/queries.ts";
import { formatCountOf } from "../look/format.ts";
import { FailureNotice } from "../look/Notice.tsx";
import { listId, optionId, Results } from "./Results.tsx";
import style from "./Search.module.css";

interface SearchProps {
  readonly openId: string | null;
  readonly onOpen: (profileId: string) => void;
}

const debounceMs = 180;

/** Profiles by name or e-mail. The focus stays in the field; the arrow keys move through the list, Enter opens. */
export function Search({ openId, onOpen }: SearchProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text.trim(), debounceMs);
  const [active, setActive] = useState(-1);
  const search = useSearch(settled);
  const profiles = search.data?.profiles ?? [];
  // What is on show belongs to an earlier text while the answer to the present one is under way.
  const pending = search.isPlaceholderData || settled !== text.trim();
  useSlashKey(input);

  const choose = (index: number) => {
    const profile = profiles[index];
    if (profile !== undefined) onOpen(profile.profileId);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const last = profiles.length - 1;
    if (event.key === "ArrowDown") setActive(Math.min(last, active + 1));
    else if (event.key === "ArrowUp") setActive(Math.max(-1, active - 1));
    else if (event.key === "Enter" && !pending) choose(Math.max(0, active));
    else if (event.key === "Escape" && text !== "") setText("");
    else return;
    event.preventDefault();
  };

  return (
    <search className={style.search}>
      <TextInput
        ref={input}
        label="Name or e-mail"
        size="md"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        role="combobox"
        aria-expanded={profiles.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={profiles[active] === undefined ? undefined : optionId(active)}
        aria-keyshortcuts="/"
        autoComplete="off"
        spellCheck={false}
        rightSection={<kbd className={style.key}>/</kbd>}
      />
      <p className={style.count} role="status">
        {countText(settled, profiles.length, search.isPending || pending)}
      </p>
      {search.error !== null && search.data === undefined ? (
        <FailureNotice error={search.error} onRetry={() => void search.refetch()} />
      ) : (
        <Results
          profiles={profiles}
          text={settled}
          loading={search.isPending}
          dimmed={pending}
          active={active}
          openId={openId}
          onChoose={choose}
        />
      )}
    </search>
  );
}

function countText(text: string, found: number, pending: boolean): string {
  if (pending) return "Searching…";
  if (found === 0) return text === "" ? "No profile" : "Nobody found";
  if (found >= searchLimit)
    return text === "" ? `${found} profiles, as examples` : `The first ${found} profiles`;
  return formatCountOf(found, "profile");
}

/** "/" anywhere on the page, outside a field, goes to the search. */
function useSlashKey(input: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const target = event.target;
      const inField =
        target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || inField || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [input]);
}
