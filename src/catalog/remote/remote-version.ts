/** What is known of a table without its files. */
export interface RemoteVersion {
  readonly tableId: string;
  readonly version: number;
}
