export { deletionVectorPath, readDeletionVector } from "./read.ts";
export { type WrittenDeletionVector, writeDeletionVector } from "./write.ts";
export { type PuffinBlob, readPuffinFooter, readPuffinVector } from "./puffin.ts";
export { RowSet } from "./row-set.ts";
