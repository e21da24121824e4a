import type { Answer } from "../api/shape.ts";
import { Code } from "../look/Code.tsx";
import { formatCountOf } from "../look/format.ts";
import { Section } from "../look/Section.tsx";
import style from "./Answers.module.css";

/** The three questions, each with its measured answer; the details stand behind it. */
export function Answers({ answers }: { readonly answers: readonly Answer[] }) {
  return (
    <Section
      id="answers"
      title="Three questions"
      lead={
        <>
          Measured on this lake, now. <Code>onecopy audit</Code> gives the same answers with every path.
        </>
      }
    >
      <ol className={style.answers}>
        {answers.map((answer) => (
          <li key={answer.question} className={style.card}>
            <h3 className={style.question}>{answer.question}</h3>
            <p className={style.answer}>{answer.answer}</p>
            {answer.details.length > 0 && (
              <details className={style.details}>
                <summary>
                  {formatCountOf(answer.details.length, "detail")}
                  <span className="unseen"> of “{answer.question}”</span>
                </summary>
                <ul>
                  {answer.details.map((detail, index) => (
                    // Two details may read the same.
                    <li key={`${index} ${detail}`}>{detail}</li>
                  ))}
                </ul>
              </details>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
