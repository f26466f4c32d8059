/**
 * A process that serves sessions of a JobManager elsewhere: it knows where the one that leads listens.
 *
 * What goes between its clients and that JobManager is the business of ../../server/relay.
 *
 * Start reading at front-end-process.ts.
 */
export { FrontEndProcess, type ServedAt } from './front-end-process.ts';
