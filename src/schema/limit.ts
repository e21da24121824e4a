/** How deep types may be nested, and how many parts one may have: schemas come from others' files as well. */
export const maxDepth = 64;
export const maxFields = 20_000;
