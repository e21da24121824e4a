/** Environment variables: where endpoints and keys of object stores come from. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The first that is set, and not empty. */
export function variable(environment: Environment, ...names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]).find((value) => value !== undefined && value !== "");
}
