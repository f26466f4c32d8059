import type pg from 'pg';
import type { Random } from '../../base/index.ts';

/** A process that can be killed, stopped and continued. Signals are sent at once. */
export interface Victim {
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has ended. */
  ended(): Promise<unknown>;
}

/** Whom a blow hits. The last six are of a cluster of processes. */
export const victims = [
  ...(['server', 'broker', 'JobManager', 'standby', 'TaskManager', 'all TaskManagers'] as const),
  ...(['JobManager and TaskManager', 'front end'] as const),
] as const;
export type VictimName = (typeof victims)[number];

/** Processes that run one database together. */
export interface Topology {
  readonly dataDir: string;
  /** Of a stop after which others have given up whoever was stopped, if there are others. */
  readonly longMs: number;
  connect(): Promise<pg.Client>;
  /** Those that are hit; one of several is chosen by chance. */
  victims(name: VictimName, random: Random): readonly Victim[];
  /** Starts what has ended again, without waiting for it. */
  relaunch(): Promise<void>;
  /** Starts what has ended again; resolves when everything is in its place. */
  makeWhole(): Promise<void>;
  /** What the processes have said since they began. */
  logs(): string;
  dispose(): Promise<void>;
}
