/** Work in parts that need nothing of one another. */
export interface Job<Input, Output> {
  readonly name: string;
  /**
   * What a thread does once, before its parts. `input` is plain data: arrays are copied for each thread, unless they lie in a
   * SharedArrayBuffer.
   */
  readonly begin: (input: Input) => (part: number) => Output;
}
