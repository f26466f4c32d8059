import type { MetricFamily, MetricSample } from './status-source.ts';

/** Content type of Prometheus's text format (Prometheus documentation, "Exposition formats"). */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The families as text; of two with one name the samples are joined. Families without samples are left out. */
export function writeExposition(families: Iterable<MetricFamily>): string {
  const byName = new Map<string, { family: MetricFamily; samples: MetricSample[] }>();
  for (const family of families) {
    const known = byName.get(family.name);
    if (known === undefined) byName.set(family.name, { family, samples: [...family.samples] });
    else known.samples.push(...family.samples);
  }
  let text = '';
  for (const { family, samples } of byName.values()) {
    if (samples.length === 0) continue;
    text += `# HELP ${family.name} ${family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${family.name} ${family.type}\n`;
    for (const sample of samples) text += `${family.name}${writeLabels(sample.labels ?? {})} ${writeNumber(sample.value)}\n`;
  }
  return text;
}

function writeLabels(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function writeNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
