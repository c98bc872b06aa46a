/** Where one line is. */
export interface PlacedLine {
  /** The number of the file. */
  readonly file: number;
  /** Of its first byte. */
  readonly offset: number;
  /** In bytes, without its end. */
  readonly length: number;
  /** Epoch milliseconds. */
  readonly time: number;
}

const FIRST_CAPACITY = 1024;

/** Places of lines in the order of time, 22 bytes each. */
export class AuditPositions {
  /** Numbers of files must be smaller. */
  static readonly maxFiles = 65_536;
  private size = 0;
  private files = new Uint16Array(FIRST_CAPACITY);
  private offsets = new Float64Array(FIRST_CAPACITY);
  private lengths = new Uint32Array(FIRST_CAPACITY);
  private times = new Float64Array(FIRST_CAPACITY);

  get count(): number {
    return this.size;
  }

  /**
   * Adds what several processes wrote, each run in its own order, together in the order of time.
   *
   * @param surplus so many of the oldest are left out
   */
  addInOrder(runs: readonly (readonly PlacedLine[])[], surplus = 0): void {
    const total = runs.reduce((sum, run) => sum + run.length, 0);
    this.reserve(total - surplus);
    let left = surplus;
    for (const line of merged(runs)) {
      if (left > 0) left -= 1;
      else this.push(line);
    }
  }

  fileAt(position: number): number {
    return this.files[position] ?? 0;
  }

  offsetAt(position: number): number {
    return this.offsets[position] ?? 0;
  }

  lengthAt(position: number): number {
    return this.lengths[position] ?? 0;
  }

  timeAt(position: number): number {
    return this.times[position] ?? 0;
  }

  private push({ file, offset, length, time }: PlacedLine): void {
    const at = this.size;
    this.files[at] = file;
    this.offsets[at] = offset;
    this.lengths[at] = length;
    this.times[at] = time;
    this.size += 1;
  }

  private reserve(more: number): void {
    const needed = this.size + more;
    if (needed <= this.files.length) return;
    const capacity = Math.max(needed, Math.ceil(this.files.length * 1.25));
    this.files = enlarged(this.files, new Uint16Array(capacity));
    this.offsets = enlarged(this.offsets, new Float64Array(capacity));
    this.lengths = enlarged(this.lengths, new Uint32Array(capacity));
    this.times = enlarged(this.times, new Float64Array(capacity));
  }
}

function enlarged<Numbers extends Uint16Array | Uint32Array | Float64Array>(
  before: Numbers,
  after: Numbers,
): Numbers {
  after.set(before);
  return after;
}

/** One process alone is the usual case, and needs no comparing. */
function* merged(runs: readonly (readonly PlacedLine[])[]): Generator<PlacedLine> {
  const heads = runs.filter((run) => run.length > 0).map((run) => ({ run, at: 0 }));
  while (heads.length > 1) {
    const first = heads.reduce((best, head) => (timeOf(head) < timeOf(best) ? head : best));
    const line = first.run[first.at];
    if (line !== undefined) yield line;
    first.at += 1;
    if (first.at >= first.run.length) heads.splice(heads.indexOf(first), 1);
  }
  const [only] = heads;
  if (only !== undefined) yield* only.run.slice(only.at);
}

const timeOf = ({ run, at }: { readonly run: readonly PlacedLine[]; readonly at: number }): number =>
  run[at]?.time ?? Infinity;
