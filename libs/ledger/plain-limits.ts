import { SqliteQueryCompiler, ValueNode, type LimitNode } from 'kysely';

/**
 * Writes a limit into the statement instead of binding it. SQLite plans a statement anew whenever the value of a bound
 * limit is set, which costs up to thirty times as much as running it. A class, because Kysely wants one.
 */
export class PlainLimits extends SqliteQueryCompiler {
  protected override visitLimit(node: LimitNode): void {
    const { limit } = node;
    if (!ValueNode.is(limit) || !Number.isInteger(limit.value)) return super.visitLimit(node);
    this.append(`limit ${Number(limit.value)}`);
  }
}
