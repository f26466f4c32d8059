import type { Relation } from '../../catalog/index.ts';

/** Replaced relations whose jobs still have readers, dependants first. */
export class RetiredRelations {
  readonly #retired = new Set<Relation>();
  readonly #end: (relation: Relation) => Promise<void>;

  /** `end` stops the job of one. */
  constructor(end: (relation: Relation) => Promise<void>) {
    this.#end = end;
  }

  add(relations: readonly Relation[]): void {
    for (const relation of relations) this.#retired.add(relation);
  }

  /** Those that read what is to be dropped: their readers cannot be waited for. */
  over(dropped: readonly Relation[]): Relation[] {
    const gone = new Set(dropped.map((relation) => relation.oid));
    const producersFirst = [...this.#retired].reverse();
    for (const relation of producersFirst) if (relation.dependsOn.some((oid) => gone.has(oid))) gone.add(relation.oid);
    return [...this.#retired].filter((relation) => gone.has(relation.oid));
  }

  /** Jobs that were kept for their readers end now. */
  async end(relations: readonly Relation[]): Promise<void> {
    for (const relation of relations) if (this.#retired.delete(relation)) await this.#end(relation);
  }
}
