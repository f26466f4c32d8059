/**
 * Reads the columns of PostgreSQL's system relations from a real server and writes them down for src/catalog/system.
 *
 * A script for developers, never part of the product. Start reading at generate.mjs.
 */
export {};
