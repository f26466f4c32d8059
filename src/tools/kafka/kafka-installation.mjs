/**
 * Puts a runnable Apache Kafka into the cache: the jars, a formatted data directory to copy, and a class data archive.
 *
 * Every product is made under a temporary name and renamed into place, so two processes that start at the same moment
 * only do the work twice; neither ever sees a half-written file.
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePorts, stopProcess, waitUntilServing } from './broker-process.mjs';
import { serverProperties } from './server-properties.mjs';

export const KAFKA_VERSION = '4.3.1';

const run = promisify(execFile);
const PROJECT_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Kafka 4.3.1 brings slf4j-api 1.7, so the binding has to be of the same line. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>fsql.test</groupId><artifactId>kafka-jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** Serial collector and the first compiler only: half the start-up time and memory of the defaults on a small machine. */
const JVM_FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xss256k', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];

/** The cluster id of the template; each broker replaces it by its own. */
const TEMPLATE_CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';

export function cacheDirectory() {
  return process.env.FSQL_CACHE ? resolve(process.env.FSQL_CACHE) : join(PROJECT_ROOT, '.cache');
}

/**
 * What is missing on this machine, as one sentence, or undefined when Kafka can be started.
 */
export async function kafkaUnavailableReason() {
  const missing = [];
  if (!(await answers('java', ['-version']))) missing.push('java (a Java 17 runtime or later)');
  if (!existsSync(jarDirectory()) && !(await answers('mvn', ['-version']))) missing.push('mvn (Apache Maven, which fetches the Kafka jars once)');
  if (missing.length === 0) return undefined;
  return `cannot run Apache Kafka: ${missing.join(' and ')} not found on the PATH`;
}

/** Makes everything a broker needs and returns the command line pieces; the first call takes about ten seconds. */
export async function prepareKafka() {
  const reason = await kafkaUnavailableReason();
  if (reason !== undefined) throw new Error(reason);
  mkdirSync(cacheDirectory(), { recursive: true });
  await fetchJars();
  const installation = {
    classPath: classPath(),
    template: join(cacheDirectory(), `kafka-${KAFKA_VERSION}-template`),
    templateClusterId: TEMPLATE_CLUSTER_ID,
  };
  await formatTemplate(installation);
  return { ...installation, archive: await archiveClasses(installation) };
}

/** Arguments of `java` for a Kafka main class. */
export function javaArguments({ classPath, archive, heapMb }, mainArguments) {
  const sharing = archive === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`];
  return [...JVM_FLAGS, `-Xmx${heapMb}m`, ...sharing, '-cp', classPath, ...mainArguments];
}

function jarDirectory() {
  return join(cacheDirectory(), `kafka-${KAFKA_VERSION}`);
}

function temporaryName(finalName) {
  return `${finalName}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/** Whoever renames first wins; the loser throws its copy away. */
function moveIntoPlace(temporary, final) {
  try {
    renameSync(temporary, final);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(final)) throw error;
  }
}

async function answers(command, parameters) {
  try {
    await run(command, parameters);
    return true;
  } catch {
    return false;
  }
}

async function fetchJars() {
  const final = jarDirectory();
  if (existsSync(final)) return;
  const temporary = temporaryName(final);
  const project = `${temporary}.pom`;
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'pom.xml'), POM);
  try {
    const goal = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${temporary}`, '-DincludeScope=runtime'];
    await run('mvn', goal, { cwd: project, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    const output = String(error.stdout ?? '').trim() || error.message;
    throw new Error(`Maven could not fetch Apache Kafka ${KAFKA_VERSION}: ${output.split('\n').slice(0, 5).join('\n')}`, { cause: error });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
  moveIntoPlace(temporary, final);
}

/** A fixed order: the class data archive is valid for exactly one class path. */
function classPath() {
  const directory = jarDirectory();
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jar'))
    .sort()
    .map((name) => join(directory, name))
    .join(':');
}

/** Formats a directory of its own, for a broker whose users have to be there from the beginning. */
export async function formatDirectory(installation, { configuration, clusterId, extra }) {
  const main = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', configuration, ...extra];
  await run('java', javaArguments({ ...installation, heapMb: 128 }, main));
}

/** With a static quorum a formatted directory holds no port, so one can be formatted once and copied for ever. */
async function formatTemplate({ classPath, template, templateClusterId }) {
  if (existsSync(template)) return;
  const temporary = temporaryName(template);
  mkdirSync(temporary, { recursive: true });
  const properties = `${temporary}.properties`;
  writeFileSync(properties, serverProperties({ port: 9092, controllerPort: 9093, dataDirectory: temporary }));
  try {
    await formatDirectory({ classPath }, { configuration: properties, clusterId: templateClusterId, extra: [] });
    moveIntoPlace(temporary, template);
  } finally {
    rmSync(properties, { force: true });
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** One run of the broker under the archiver; later starts take a third of the time. The archive belongs to one Java. */
async function archiveClasses({ classPath, template, templateClusterId }) {
  const archive = join(cacheDirectory(), `kafka-${KAFKA_VERSION}-java-${await javaVersion()}.jsa`);
  if (existsSync(archive)) return archive;
  const temporary = temporaryName(archive);
  const directory = `${temporary}.data`;
  const [port, controllerPort] = await freePorts(2);
  cpSync(template, directory, { recursive: true });
  const properties = `${temporary}.properties`;
  writeFileSync(properties, serverProperties({ port, controllerPort, dataDirectory: directory }));
  const parameters = javaArguments({ classPath, heapMb: 256 }, ['kafka.Kafka', properties]);
  const child = spawn('java', [`-XX:ArchiveClassesAtExit=${temporary}`, ...parameters], { stdio: 'ignore' });
  try {
    await waitUntilServing({ port, clusterId: templateClusterId, child, timeoutMs: 60_000 });
    await stopProcess(child, 60_000);
    moveIntoPlace(temporary, archive);
  } finally {
    child.kill('SIGKILL');
    for (const path of [properties, directory, temporary]) rmSync(path, { recursive: true, force: true });
  }
  return archive;
}

async function javaVersion() {
  const { stderr, stdout } = await run('java', ['-version']);
  const version = /version "([^"]+)"/.exec(`${stderr}${stdout}`)?.[1] ?? 'unknown';
  return version.replaceAll(/[^\w.]/g, '_');
}
