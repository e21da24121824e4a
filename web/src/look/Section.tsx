import type { ReactNode } from "react";
import style from "./Section.module.css";

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly lead: ReactNode;
  readonly children: ReactNode;
}

export function Section({ id, title, lead, children }: SectionProps) {
  return (
    <section id={id} className={style.section} aria-labelledby={`${id}-title`}>
      <header className={style.header}>
        <h2 id={`${id}-title`} className={style.title}>
          {title}
        </h2>
        <p className={style.lead}>{lead}</p>
      </header>
      {children}
    </section>
  );
}
