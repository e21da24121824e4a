import { type Html, html } from "./html.ts";

export interface Line {
  readonly name: string;
  /** Of the page's style: `one` or `two`. */
  readonly style: "one" | "two";
  /** y is 0…1. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const frame = { width: 720, height: 280, left: 52, right: 16, top: 16, bottom: 44 } as const;

/** Shares over a number. The y axis begins at `from`, a share. */
export function lineChart(title: string, xLabel: string, lines: readonly Line[]): Html {
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const ys = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const [least, most] = [Math.min(...xs), Math.max(...xs, Math.min(...xs) + 1)];
  const from = [0.9, 0.5].find((share) => Math.min(...ys) >= share) ?? 0;
  const px = (x: number): number =>
    round(frame.left + ((x - least) / (most - least)) * (frame.width - frame.left - frame.right));
  const py = (y: number): number =>
    round(frame.top + ((1 - y) / (1 - from)) * (frame.height - frame.top - frame.bottom));
  const shares = Array.from({ length: 6 }, (_, i) => from + ((1 - from) * i) / 5);
  const step = Math.max(1, Math.ceil((most - least) / 12));
  const marks = Array.from({ length: Math.floor((most - least) / step) + 1 }, (_, i) => least + i * step);
  return html`<div class="scroll">
    <svg viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${title}">
      ${shares.map(
        (share) =>
          html`<line
              class="grid"
              x1="${frame.left}"
              x2="${frame.width - frame.right}"
              y1="${py(share)}"
              y2="${py(share)}"
            />
            <text class="axis end" x="${frame.left - 8}" y="${py(share) + 4}">${percent(share, 0)}</text>`,
      )}
      ${marks.map((x) => html`<text class="axis middle" x="${px(x)}" y="${frame.height - frame.bottom + 18}">${x}</text>`)}
      <text class="axis middle" x="${(frame.left + frame.width - frame.right) / 2}" y="${frame.height - 6}">
        ${xLabel}
      </text>
      ${lines.map(
        ({ name, style, points }) =>
          html`<polyline
              class="line ${style}"
              points="${points.map(({ x, y }) => `${px(x)},${py(y)}`).join(" ")}"
            />
            ${points.map(
              ({ x, y }) =>
                html`<circle class="dot ${style}" cx="${px(x)}" cy="${py(y)}" r="3"
                  ><title>${name} above ${x}: ${percent(y, 2)}</title></circle
                >`,
            )}`,
      )}
    </svg>
    <p class="legend">${lines.map(({ name, style }) => html`<span class="key ${style}"></span>${name} `)}</p>
  </div>`;
}

export interface Bar {
  readonly label: string;
  /** Beside the bar. */
  readonly text: string;
  readonly value: number;
}

/** A bar for each row; those of values below 0 go to the left of a common line. The scale is that of all of `alike`. */
export function barChart(title: string, bars: readonly Bar[], alike: readonly Bar[] = bars): Html {
  const [row, labels, texts] = [22, 250, 90];
  const [least, most] = [
    Math.min(0, ...alike.map(({ value }) => value)),
    Math.max(0, ...alike.map(({ value }) => value)),
  ];
  const span = most - least || 1;
  const room = frame.width - labels - texts;
  const px = (value: number): number => round(labels + ((value - least) / span) * room);
  return html`<div class="scroll">
    <svg viewBox="0 0 ${frame.width} ${bars.length * row + 4}" role="img" aria-label="${title}">
      ${bars.map(({ label, text, value }, i) => {
        const [start, end] = [Math.min(px(0), px(value)), Math.max(px(0), px(value))];
        return html`<text class="axis end" x="${labels - 10}" y="${i * row + 15}"
            >${shortened(label)}<title>${label}</title></text
          >
          <rect
            class="${value < 0 ? "bar against" : "bar"}"
            x="${start}"
            y="${i * row + 4}"
            width="${round(Math.max(1, end - start))}"
            height="${row - 8}"
            ><title>${label}: ${text}</title></rect
          >
          <text class="axis" x="${frame.width - texts + 8}" y="${i * row + 15}">${text}</text>`;
      })}
      <line class="base" x1="${px(0)}" x2="${px(0)}" y1="0" y2="${bars.length * row + 4}" />
    </svg>
  </div>`;
}

const longestLabel = 38;

function shortened(label: string): string {
  const letters = [...label];
  return letters.length > longestLabel ? `${letters.slice(0, longestLabel - 1).join("")}…` : label;
}

export function percent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)}%`;
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}
