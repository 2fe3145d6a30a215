create schema clerk_sync; create schema clerk_auth;
