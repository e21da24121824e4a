import type { z } from "zod";

/** One route, as it is told to others. The shapes are those by which requests are read, so that both say the same. */
export interface Operation {
  readonly method: "get" | "head" | "post" | "delete";
  /** As the router has it: `/shares/:share`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Shapes;
  readonly headers?: Shapes;
  readonly body?: RequestBody;
  readonly answers: Answers;
  /** It is answered without a bearer token. */
  readonly isOpen?: true;
}

type Shapes = Readonly<Record<string, z.ZodType>>;

export interface RequestBody {
  /** Default: `application/json`. */
  readonly type?: string;
  readonly shape: z.ZodType;
  readonly optional?: true;
}

/** By HTTP status. */
export type Answers = Readonly<Record<number, Answer>>;

export interface Answer {
  readonly description: string;
  /** Default: `application/json`, or no body where there is no shape either. */
  readonly type?: string;
  readonly shape?: z.ZodType;
  readonly headers?: readonly string[];
}

/** The routes below one path. */
export interface Api {
  /** `/delta-sharing` */
  readonly root: string;
  readonly description: string;
  readonly operations: readonly Operation[];
  /** What any route that is asked for with a token may be refused with, too. */
  readonly errors: (operation: Operation) => Answers;
}
