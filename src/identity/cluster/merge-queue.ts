export interface Merge {
  readonly score: number;
  readonly x: number;
  readonly y: number;
}

/** A binary heap of possible merges: the highest score first, equal ones by the smaller nodes. */
export class MergeQueue {
  private readonly heap: Merge[] = [];

  push(score: number, x: number, y: number): void {
    const { heap } = this;
    const added: Merge = { score, x, y };
    let at = heap.push(added) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(added, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = added;
  }

  pop(): Merge | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(left: Merge, right: Merge): boolean {
  if (left.score !== right.score) return left.score > right.score;
  return left.x !== right.x ? left.x < right.x : left.y < right.y;
}
