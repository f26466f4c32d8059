import type { RenderOptions } from '../render/index.ts';

/** How results are shown; changed by options, `\x`, `\t`, `\a`, `\pset` and `\timing`. */
export interface DisplaySettings {
  format: RenderOptions['format'];
  expanded: boolean;
  tuplesOnly: boolean;
  nullText: string;
  timing: boolean;
  /** Says nothing of commands that went well. */
  quiet: boolean;
}

export const defaultDisplay: Readonly<DisplaySettings> = {
  format: 'aligned',
  expanded: false,
  tuplesOnly: false,
  nullText: '',
  timing: false,
  quiet: false,
};
