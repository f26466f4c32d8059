import type { Barrier, Closing, Epoch } from '../../batch/index.ts';
import type { SourceOperator, SourceOutput, SplitVerdicts } from '../../spi/index.ts';
import { approximateBytes } from '../channel/index.ts';
import type { TaskState } from '../state/index.ts';
import type { EpochEnd, OperatorChain } from './operator-chain.ts';
import type { StepResult, Task, TaskEvents, TaskId, TaskMetrics } from './task.ts';
import type { TaskOutput } from './task-output.ts';

/** The end of an epoch as the JobManager decided it. */
export interface EpochRelease {
  readonly epoch: Epoch;
  readonly timestampMicros: bigint;
  /** The relation's watermark, or null without WATERMARK (and not finished). */
  readonly watermarkMicros: bigint | null;
  readonly idleSplits: ReadonlySet<string>;
  readonly checkpoint: boolean;
  readonly last: boolean;
}

export interface SourceTaskParts {
  readonly id: TaskId;
  readonly source: SourceOperator;
  readonly chain: OperatorChain;
  readonly output: TaskOutput;
  readonly state: TaskState;
  readonly events: TaskEvents;
  readonly metrics: TaskMetrics;
  /** Rows one poll aims at. */
  readonly batchRows: number;
  /** Reads only up to positions that a cut names (the embedded log: one COMMIT is never split, whatever relations it touches). */
  readonly paced: boolean;
}

/**
 * What a source does just now. `waiting`: nobody reads it yet. `reading`: free. `cutting`: reads on to a given position, then answers
 * the cut. `held`: has answered, emits nothing until the epoch is released. `replaying`: reads up to a recorded cut, then ends that epoch.
 * `bounded`: a private reader on its way to a limit.
 */
type Phase = 'waiting' | 'reading' | 'cutting' | 'held' | 'replaying' | 'bounded' | 'finished';

/** A recorded epoch, to be made again. */
export interface Replay {
  readonly positions: ReadonlyMap<string, number>;
  readonly verdicts: ReadonlyMap<string, SplitVerdicts>;
  readonly release: EpochRelease;
}

/** How far a private reader reads. */
export interface ReadingLimit {
  readonly positions: ReadonlyMap<string, number>;
  readonly verdicts: ReadonlyMap<string, SplitVerdicts>;
  readonly closing: Closing | null;
  /** What is in front of the limit is not wanted: it counts as reached. */
  readonly enough: boolean;
}

/** The head of a source chain: polls, and ends epochs where the JobManager says. */
export class SourceTask implements Task {
  readonly id: TaskId;
  readonly metrics: TaskMetrics;
  readonly output: TaskOutput;
  readonly source: SourceOperator;
  readonly #chain: OperatorChain;
  readonly #entry: SourceOutput;
  readonly #state: TaskState;
  readonly #events: TaskEvents;
  readonly #batchRows: number;
  readonly #paced: boolean;
  readonly #replays: Replay[] = [];
  readonly #releases: EpochRelease[] = [];
  #phase: Phase = 'waiting';
  #started = false;
  #cutEpoch: Epoch = 0;
  #progressTold = false;
  /** A cut that cannot be answered at once. */
  #cutWanted: { readonly positions: ReadonlyMap<string, number> | null } | null = null;
  #ending: EpochEnd | null = null;
  #closing: Closing | null = null;
  /** A private reader's barrier on the way to its limit. */
  #mark: Closing | null = null;
  #limitTold = false;
  #enough = false;
  #watermark: bigint | null = null;
  /** Message of the problem told last. */
  #problem: string | undefined;

  constructor(parts: SourceTaskParts) {
    this.id = parts.id;
    this.source = parts.source;
    this.output = parts.output;
    this.metrics = parts.metrics;
    this.#chain = parts.chain;
    this.#entry = {
      emit: (batch) => {
        this.metrics.rowsIn += batch.rowCount;
        if (parts.source.bytesRead === undefined) this.metrics.bytesIn += approximateBytes(batch);
        parts.chain.head.emit(batch);
      },
      wantsAside: (kind) => parts.output.wantsAside(kind),
      setAside: (kind, rows) => parts.output.setAside(kind, rows),
    };
    this.#state = parts.state;
    this.#events = parts.events;
    this.#batchRows = parts.batchRows;
    this.#paced = parts.paced;
  }

  /** Somebody consumes the relation now. */
  start(): void {
    this.#started = true;
    if (this.#phase === 'waiting' && this.#replays.length === 0) this.#phase = 'reading';
  }

  /**
   * Ends an epoch at the position reached, or at `positions` when the JobManager has to decide them (one COMMIT over several relations).
   * The position reached is answered at once even while credit is lacking: nothing is emitted until the release.
   */
  cut(epoch: Epoch, positions: ReadonlyMap<string, number> | null): void {
    if (this.#phase === 'finished') return;
    this.#cutEpoch = epoch;
    if (this.#started && (positions !== null || this.#replays.length > 0)) {
      this.#cutWanted = { positions };
      return;
    }
    if (this.#phase === 'reading' || this.#phase === 'waiting') this.#phase = 'held';
    this.#answerCut();
  }

  release(release: EpochRelease): void {
    this.#releases.push(release);
  }

  /** Queues a recorded epoch; `start` follows behind the last one. */
  replay(replay: Replay): void {
    this.#replays.push(replay);
  }

  /** A private reader's next goal. With `closing` it is the last one: that barrier follows. */
  setLimit({ positions, verdicts, closing, enough }: ReadingLimit): void {
    this.#started = true;
    this.source.limit(positions, verdicts);
    this.#phase = 'bounded';
    this.#limitTold = false;
    this.#closing = closing;
    this.#enough = enough;
  }

  /** A private reader ends an epoch where it is just now, and tells where that was. */
  mark(at: Closing): void {
    this.#mark = at;
  }

  step(): StepResult {
    if (!this.output.flush()) return 'blocked';
    if (this.#ending !== null) return this.#passBarrier(this.#ending);
    const released = this.#releases.shift();
    if (released !== undefined) return this.#endEpoch(released);
    if (this.#phase === 'finished') return 'finished';
    if (this.#mark !== null) return this.#passMark(this.#mark);
    if (!this.#chain.ready()) return 'blocked';
    if (this.#phase === 'waiting' || this.#phase === 'reading') this.#changePhase();
    switch (this.#phase) {
      case 'waiting':
      case 'held':
        return 'idle';
      case 'reading':
        return this.#poll();
      case 'cutting':
        return this.#pollUntilCut();
      case 'replaying':
        return this.#pollUntilReplayed();
      default:
        return this.#pollUntilLimit();
    }
  }

  checkpointCommitted(epoch: Epoch): void {
    this.#chain.checkpointCommitted(epoch);
  }

  async close(): Promise<void> {
    await this.source.close();
    await this.#chain.close();
  }

  #poll(): StepResult {
    if (this.#paced) return 'idle';
    const result = this.#read();
    if (result === 'progress' || (result === 'finished' && !this.#progressTold)) {
      if (!this.#progressTold) {
        this.#progressTold = true;
        this.#events.sourceProgressed(this);
      }
      return 'progress';
    }
    return 'idle';
  }

  #read(): ReturnType<SourceOperator['poll']> {
    const result = this.source.poll(this.#batchRows, this.#entry);
    this.#tellProblem();
    if (this.source.bytesRead !== undefined) this.metrics.bytesIn = this.source.bytesRead();
    this.metrics.rowsRead = this.metrics.rowsIn;
    this.metrics.bytesRead = this.metrics.bytesIn;
    return result;
  }

  /** An idle system has no epochs that could carry it. */
  #tellProblem(): void {
    const problem = this.source.problem();
    if (problem?.message === this.#problem) return;
    this.#problem = problem?.message;
    this.#events.problemChanged(this, problem);
  }

  #changePhase(): void {
    if (this.#replays.length > 0) {
      const { positions, verdicts } = this.#replays[0]!;
      this.source.limit(positions, verdicts);
      this.#phase = 'replaying';
    } else if (this.#cutWanted !== null) {
      const { positions } = this.#cutWanted;
      this.#cutWanted = null;
      this.#phase = positions === null ? 'held' : 'cutting';
      if (positions === null) this.#answerCut();
      else this.source.limit(positions, null);
    }
  }

  #answerCut(): void {
    this.#progressTold = false;
    this.#events.cutReached(this, this.#cutEpoch, this.source.cut());
  }

  #pollUntilCut(): StepResult {
    if (this.source.limitReached()) {
      this.#phase = 'held';
      this.#answerCut();
      return 'progress';
    }
    return this.#read() === 'progress' ? 'progress' : 'idle';
  }

  #pollUntilReplayed(): StepResult {
    if (!this.source.limitReached()) return this.#read() === 'progress' ? 'progress' : 'idle';
    return this.#endEpoch(this.#replays.shift()!.release);
  }

  #pollUntilLimit(): StepResult {
    if (!this.#enough && !this.source.limitReached()) return this.#read() === 'progress' ? 'progress' : 'idle';
    if (this.#closing !== null) {
      const barrier: Barrier = { kind: 'barrier', ...this.#closing, checkpoint: false, last: true };
      this.#phase = 'finished';
      this.output.barrier(barrier);
      return 'progress';
    }
    if (this.#limitTold) return 'idle';
    this.#limitTold = true;
    this.#events.limitReached(this);
    return 'progress';
  }

  #passMark(at: Closing): StepResult {
    this.#mark = null;
    this.#events.cutReached(this, at.epoch, this.source.cut());
    this.output.barrier({ kind: 'barrier', ...at, checkpoint: true, last: false, history: true });
    return 'progress';
  }

  /** The watermark travels in front of the barrier: what it closes is part of this epoch. */
  #endEpoch(release: EpochRelease): StepResult {
    const { watermarkMicros } = release;
    const advances = watermarkMicros !== null && (this.#watermark === null || watermarkMicros > this.#watermark);
    if (advances) this.#watermark = watermarkMicros;
    if (watermarkMicros !== null) this.source.watermarkDecided(watermarkMicros, release.idleSplits);
    const { epoch, timestampMicros, checkpoint, last } = release;
    const barrier: Barrier = { kind: 'barrier', epoch, timestampMicros, checkpoint, last };
    this.#ending = { barrier, watermarkMicros: advances ? watermarkMicros : null };
    return this.#passBarrier(this.#ending);
  }

  #passBarrier(ending: EpochEnd): StepResult {
    const result = this.#chain.endEpoch(ending);
    if (result !== 'passed') return result === 'more' ? 'progress' : 'blocked';
    this.#ending = null;
    this.metrics.spillMs = this.#chain.spillMs();
    const { barrier, watermarkMicros } = ending;
    this.#state.checkBudget();
    if (barrier.checkpoint) this.#events.snapshotTaken(this, this.#state.snapshot(barrier.epoch));
    this.source.limit(null, null);
    this.#phase = barrier.last ? 'finished' : this.#phaseAfter(barrier.epoch);
    if (watermarkMicros !== null) this.output.watermark(watermarkMicros);
    this.output.barrier(barrier);
    this.#events.barrierPassed(this, barrier);
    return 'progress';
  }

  /** A cut of a later epoch may have been answered while this barrier still waited. */
  #phaseAfter(epoch: Epoch): Phase {
    if (this.#cutEpoch > epoch && this.#cutWanted === null) return 'held';
    return this.#started ? 'reading' : 'waiting';
  }
}
