import { createTheme, type CSSVariablesResolver } from "@mantine/core";

/** Mantine draws with our own tokens (tokens.css): its stock colours miss AA contrast. */
export const theme = createTheme({
  fontFamily: "var(--sans)",
  fontFamilyMonospace: "var(--mono)",
  primaryColor: "lake",
  primaryShade: { light: 7, dark: 4 },
  defaultRadius: "var(--radius)",
  cursorType: "pointer",
  colors: {
    lake: [
      "#e2f1f3",
      "#c6e3e8",
      "#9adbe6",
      "#83d0dd",
      "#6cc7d6",
      "#3fa9bb",
      "#0b7a8f",
      "#0b6577",
      "#084e5c",
      "#063b46",
    ],
  },
});

const ours = {
  "--mantine-color-body": "var(--ground)",
  "--mantine-color-text": "var(--ink)",
  "--mantine-color-dimmed": "var(--ink-3)",
  "--mantine-color-placeholder": "var(--ink-3)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--sunken)",
  "--mantine-color-default-color": "var(--ink)",
  "--mantine-color-default-border": "var(--line-strong)",
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: ours, dark: ours });
