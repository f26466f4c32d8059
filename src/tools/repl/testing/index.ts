/** What the terminal's tests share: the real engine behind the real protocol, and terminals that write into strings. */
export { openTestServer, runTestTerminal, type TerminalRun, type TestServer, terminalDefaults } from './test-server.ts';
