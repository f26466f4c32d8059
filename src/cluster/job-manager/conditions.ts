interface Condition {
  readonly test: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Promises that wait for the JobManager's state: each is looked at again whenever something has changed. A test that throws rejects. */
export class Conditions {
  #waiting: Condition[] = [];

  /** Resolves once `test` is true. */
  until(test: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const condition: Condition = { test, resolve, reject };
      if (!settle(condition)) this.#waiting.push(condition);
    });
  }

  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const still = waiting.filter((condition) => !settle(condition));
    this.#waiting.push(...still);
  }
}

function settle(condition: Condition): boolean {
  try {
    if (!condition.test()) return false;
    condition.resolve();
  } catch (error) {
    condition.reject(error);
  }
  return true;
}
