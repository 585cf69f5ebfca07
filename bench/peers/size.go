package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/cognitokit/auth/bench/peers/internal/measure"
)

const programs = "github.com/cognitokit/auth/bench/peers/program/"

// benchSize compares the sizes of two programs that sign a user in.
func benchSize(ctx context.Context, _ *suite) (rows []row, err error) {
	dir, err := os.MkdirTemp("", "auth-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, c := range []struct {
		name    string
		ldflags string
		goal    float64
	}{{"program that signs in", "", 1.10}, {"the same, stripped", "-s -w", 0}} {
		ours, err := programSize(ctx, dir, "ours", c.ldflags)
		if err != nil {
			return nil, err
		}
		theirs, err := programSize(ctx, dir, "direct", c.ldflags)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{
			What: c.name, Against: "on the AWS SDK with config", Goal: c.goal, Unit: "B",
			Ratio: measure.Describe([]float64{ours / theirs}), Ours: ours, Theirs: theirs,
		})
	}
	return rows, nil
}

// programSize builds one of the programs and returns its size in bytes.
func programSize(ctx context.Context, dir, name, ldflags string) (float64, error) {
	file := filepath.Join(dir, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags="+ldflags, "-o", file, programs+name) //nolint:gosec // only constants
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building %s, in a directory of this module: %w\n%s", name, err, out)
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}
