export { type IcebergReadOptions, readIcebergSnapshot } from "./snapshot.ts";
export { icebergRelation } from "./relation.ts";
