// Bounds what deliveries hold in memory: what is too much is answered with 503 at once, and HubSpot sends it again.
import type { RequestHandler } from 'express';
import { BatonError } from '../errors.ts';
import { withDeadline } from './deadline.ts';

export type IntakeLimits = {
  /** Of bodies still being read, whose sender nobody knows yet. */
  readingBytes: number;
  /** Signed deliveries in hand, and their bytes, until the database has said how their storing ended. */
  deliveries: number;
  bytes: number;
};

/**
 * Parsed, a delivery takes some ten times its bytes, and the web half's heap is 384 MB (Procfile). HubSpot sends at most ten at a time
 * (`maxConcurrentRequests`, PLATFORM.md 2.2) of some 30 KB each: only a stalled database or a forger comes near these.
 */
export const intakeLimits: IntakeLimits = { readingBytes: 16 * 1_048_576, deliveries: 64, bytes: 8 * 1_048_576 };

/** HubSpot waits 5 s (PLATFORM.md 2.6); what is left is for the way there and back. */
const storeDeadlineMs = 4_000;

export type IntakeLimit = {
  /** Counts a body as it comes in; goes before the body parser. What goes on after it may find the answer already sent. */
  countBody: RequestHandler;
  /**
   * Begins `store` when there is room for its `bytes`, and waits 4 s for it. Throws `overloaded`, then nothing was begun, and
   * `database-unavailable`; a store that ends later is harmless, for HubSpot's repetition is ignored by its keys.
   */
  admit<T>(bytes: number, store: () => Promise<T>): Promise<T>;
};

/** One for all doors of a process: it is the process's memory they share. */
export function createIntakeLimit(limits: IntakeLimits = intakeLimits): IntakeLimit {
  // In the order they began: what HubSpot sends is there within milliseconds, so the oldest is the least likely to be its.
  const reading = new Set<{ bytes: number; refuse: () => void }>();
  let readingBytes = 0;
  let deliveries = 0;
  let bytesInHand = 0;

  return {
    countBody(req, res, next) {
      const body = {
        bytes: 0,
        refuse() {
          end();
          // Answered before its body was read, as a compressed one is: it is held by nobody, and cannot be answered again.
          if (res.headersSent) return;
          res.set('Connection', 'close');
          // What it still sends is not ours to hold; the answer leaves first.
          res.once('finish', () => req.socket.destroySoon());
          next(new BatonError('overloaded'));
        },
      };
      const end = () => {
        if (reading.delete(body)) readingBytes -= body.bytes;
      };
      reading.add(body);
      req.on('data', (chunk: Buffer) => {
        if (res.headersSent) end();
        if (!reading.has(body)) return;
        body.bytes += chunk.length;
        readingBytes += chunk.length;
        // Whoever has been sending longest goes, so that slow senders cannot keep everybody else out.
        for (const oldest of reading) {
          if (readingBytes <= limits.readingBytes) return;
          oldest.refuse();
        }
      });
      req.once('end', end);
      req.once('close', end);
      next();
    },

    async admit(bytes, store) {
      if (deliveries >= limits.deliveries || (deliveries > 0 && bytesInHand + bytes > limits.bytes)) {
        throw new BatonError('overloaded');
      }
      deliveries += 1;
      bytesInHand += bytes;
      const release = () => {
        deliveries -= 1;
        bytesInHand -= bytes;
      };
      const storing = store();
      // One that outlives its deadline still holds its rows: it makes room when it ends, not when it is given up.
      storing.then(release, release);
      return withDeadline(storing, storeDeadlineMs);
    },
  };
}
