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
	if err := build(ctx, ".", file, programs+name, "-ldflags="+ldflags); err != nil {
		return 0, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}

// build builds a program of the module that has the directory.
func build(ctx context.Context, dir, file, path string, flags ...string) error {
	args := append([]string{"build", "-C", dir, "-trimpath", "-o", file}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, path)...) //nolint:gosec // only constants
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", path, err, out)
	}
	return nil
}
