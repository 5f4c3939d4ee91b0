export type CallId = string; export type Millis = number; export type UserId = string;
