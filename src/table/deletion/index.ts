export { deletionVectorPath, readDeletionVector } from "./read.ts";
export { inlineDeletionVector, inlineVector } from "./inline.ts";
export {
  type WrittenDeleteFile,
  type WrittenDeletionVector,
  writeDeletionVector,
  writePositionDeletes,
} from "./write.ts";
export { type LostVector, putVectorsBack } from "./put-back.ts";
export { type PuffinBlob, readPuffinFooter, readPuffinVector } from "./puffin.ts";
export { RowSet } from "./row-set.ts";
