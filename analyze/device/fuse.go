package device

import (
	"context"
	"database/sql"

	"wardtrace/dissect/event"
)

// Fuse makes devices of the evidence in a case.
func Fuse(ctx context.Context, db *sql.DB) (*event.Batch, error) {
	return &event.Batch{}, nil
}
