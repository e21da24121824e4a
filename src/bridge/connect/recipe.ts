import type { Installation } from "./installation.ts";

/**
 * How a warehouse gets at the tables: by Delta Sharing, by the Iceberg catalog, or by a registration of the tables' folders
 * in the catalog that the owner has already.
 */
export type Way = "share" | "catalog" | "folder";

/** The set-up of one warehouse for one installation. What the reader has to fill in stands in `<…>`. */
export interface Recipe {
  readonly way: Way;
  /** Why this way, and what it means for who may read what. */
  readonly why: string;
  /** What must reach what. */
  readonly network: readonly string[];
  readonly steps: readonly Step[];
  /** Says `ok` for each table when the other side reads the right rows. */
  readonly check: RecipeFile;
}

export interface Step {
  readonly say: string;
  readonly file?: RecipeFile;
}

export interface RecipeFile {
  readonly name: string;
  readonly text: string;
}

/** `way`: the one that is wanted, where there are several. */
export type RecipeMaker = (installation: Installation, way?: Way) => Recipe;

/** Every file, the check too. */
export function filesOf({ steps, check }: Recipe): RecipeFile[] {
  return [...steps.flatMap(({ file }) => file ?? []), check];
}

const ways: Readonly<Record<Way, string>> = {
  share: "a Delta Sharing share",
  catalog: "OneCopy's Iceberg catalog",
  folder: "the tables' folders, registered there",
};

/** For people: the steps in their order, with the files in between. */
export function recipeText(warehouse: string, recipe: Recipe): string {
  const file = ({ name, text }: RecipeFile): string => `--- ${name}\n${text.trimEnd()}\n---`;
  const steps = recipe.steps.map(
    ({ say, file: own }, i) => `${i + 1}. ${say}${own === undefined ? "" : `\n${file(own)}`}`,
  );
  return [
    `${warehouse}: ${ways[recipe.way]}. ${recipe.why}`,
    `Network:\n${recipe.network.map((line) => `- ${line}`).join("\n")}`,
    ...steps,
    `Check. Each table says ok when the rows are those of now:\n${file(recipe.check)}`,
  ].join("\n\n");
}

export const sharedAccess = "Who reads what is the share's matter, and ends with `onecopy bridge revoke`.";
export const folderAccess =
  "Who reads what is that catalog's matter from then on: a grant of OneCopy does not reach there, and revoking means taking the storage permission away.";

/** How an engine that takes lent keys gets at the files. */
export function accessToFiles({ lends }: Installation, who: string): string {
  return lends
    ? `${who} reads the files with keys that OneCopy lends for 15 minutes, and needs no permission of its own (the share is not strict and has its history, the recipient has no addresses: else there are no keys).`
    : `${who} reads the files with its own access to the lake.`;
}

/** What a token goes through is encrypted. */
export function reachesServer(address: URL, who: string): string[] {
  const isLocal = address.protocol === "http:";
  return [
    `${who} reaches ${address.origin}, where \`onecopy serve\` answers.`,
    isLocal
      ? "That address is not encrypted and does for this machine alone: for others run `onecopy serve` behind TLS and give --address https://…"
      : "Its certificate is one that they trust.",
  ];
}

/** The step that makes a token; the profile file holds it. `more`: options of the command. */
export function profileStep({ recipient, address }: Installation, more = ""): Step {
  return {
    say: `Issue a token and its profile file: onecopy recipient profile ${recipient} --endpoint ${address.origin}${more} --out onecopy.share`,
  };
}

export const tokenStep: Step = {
  say: `Put the token where the engine starts: export ONECOPY_TOKEN="$(python3 -c 'import json; print(json.load(open("onecopy.share"))["bearerToken"])')"`,
};
