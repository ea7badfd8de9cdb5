/**
 * Recordings — where a bot that the command line serves keeps what callers have said.
 *
 * @module
 */
import { folderRecordings, type RecordingStore } from '../transport/index.ts';

/** Ten minutes of speech in the largest format that a service sends. */
const longestRecordingBytes = 128 * 1024 * 1024;

/** The recordings in `folder`. */
export const recordingsIn = (folder: string): RecordingStore => folderRecordings({ folder, maxBytes: longestRecordingBytes });
