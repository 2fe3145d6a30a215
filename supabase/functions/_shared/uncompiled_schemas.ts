import * as z from "zod";

// zod would compile a function for each schema at its first use. A cold start pays more for that than a
// busy isolate wins. Import this first: it is for schemas that are made afterwards.
z.config({ jitless: true });
