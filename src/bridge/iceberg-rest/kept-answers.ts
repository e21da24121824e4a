/** The most that is kept, in bytes. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface Answer {
  readonly etag: string;
  /** JSON in UTF-8. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Answers that what they are named by determines. The oldest are given up first: mostly of tables that changed since. */
export class KeptAnswers {
  private readonly answers = new Map<string, Answer>();
  private bytes = 0;

  get(name: string): Answer | undefined {
    return this.answers.get(name);
  }

  keep(name: string, answer: Answer): void {
    if (answer.body.length > MOST_BYTES || this.answers.has(name)) return;
    this.answers.set(name, answer);
    this.bytes += answer.body.length;
    for (const [oldest, { body }] of this.answers) {
      if (this.bytes <= MOST_BYTES) return;
      this.answers.delete(oldest);
      this.bytes -= body.length;
    }
  }
}
