// SPDX-License-Identifier: GPL-2.0-or-later

// cnirun calls the plugins of a network as a container runtime does: through
// libcni, with its chains, its capabilities and its cache of results.
//
// It promises to do nothing by itself: what it prints is what libcni answers.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containernetworking/cni/libcni"
)

const usage = `usage: cnirun COMMAND -conf FILE [-netns PATH] [OPTION...]

commands
  add       print the chain's last result
  check     does everything stand as add left it?
  del       undo add
  validate  ask each plugin for its versions; print the chain's capabilities

options
`

// A call is what a runtime knows of the container and the network.
type call struct {
	list    *libcni.NetworkConfigList
	runtime *libcni.RuntimeConf
	cni     *libcni.CNIConfig
}

var commands = map[string]func(context.Context, *call) error{
	"add":      add,
	"check":    check,
	"del":      del,
	"validate": validate,
}

func add(ctx context.Context, c *call) error {
	result, err := c.cni.AddNetworkList(ctx, c.list, c.runtime)
	if err != nil {
		return err
	}
	return result.Print()
}

func check(ctx context.Context, c *call) error {
	return c.cni.CheckNetworkList(ctx, c.list, c.runtime)
}

func del(ctx context.Context, c *call) error {
	return c.cni.DelNetworkList(ctx, c.list, c.runtime)
}

func validate(ctx context.Context, c *call) error {
	capabilities, err := c.cni.ValidateNetworkList(ctx, c.list)
	if err != nil {
		return err
	}
	fmt.Println(strings.Join(capabilities, " "))
	return nil
}

// loadConf reads a list of plugins, or one plugin as a list of its own.
func loadConf(path string) (*libcni.NetworkConfigList, error) {
	if filepath.Ext(path) == ".conflist" {
		return libcni.ConfListFromFile(path)
	}
	single, err := libcni.ConfFromFile(path)
	if err != nil {
		return nil, err
	}
	return libcni.ConfListFromConf(single)
}

// pairs cuts "K=V;K2=V2" as libcni wants it.
func pairs(text string) ([][2]string, error) {
	var found [][2]string
	for _, pair := range strings.Split(text, ";") {
		if pair == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("-args: %q is not KEY=VALUE", pair)
		}
		found = append(found, [2]string{key, value})
	}
	return found, nil
}

func parse(arguments []string) (*call, error) {
	flags := flag.NewFlagSet("cnirun", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprint(os.Stderr, usage)
		flags.PrintDefaults()
	}
	conf := flags.String("conf", "", "the network: a .conflist, or a .conf of one plugin")
	netns := flags.String("netns", "", "the container's network namespace")
	id := flags.String("id", "cnirun", "the container's ID")
	ifname := flags.String("if", "eth0", "the container's interface")
	args := flags.String("args", "", "CNI_ARGS: KEY=VALUE;KEY=VALUE")
	caps := flags.String("caps", "{}", "capability arguments, a JSON object")
	bin := flags.String("bin", "/opt/cni/bin", "where the plugins are, ':' between")
	cache := flags.String("cache", "/var/lib/cni", "where libcni keeps results")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}

	list, err := loadConf(*conf)
	if err != nil {
		return nil, err
	}
	runtime := &libcni.RuntimeConf{ContainerID: *id, NetNS: *netns, IfName: *ifname}
	if runtime.Args, err = pairs(*args); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(*caps), &runtime.CapabilityArgs); err != nil {
		return nil, fmt.Errorf("-caps: %w", err)
	}
	return &call{
		list:    list,
		runtime: runtime,
		cni:     libcni.NewCNIConfigWithCacheDir(filepath.SplitList(*bin), *cache, nil),
	}, nil
}

func run(arguments []string) error {
	if len(arguments) == 0 || commands[arguments[0]] == nil {
		fmt.Fprint(os.Stderr, usage)
		return fmt.Errorf("which command?")
	}
	c, err := parse(arguments[1:])
	if err != nil {
		return err
	}
	return commands[arguments[0]](context.Background(), c)
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cnirun:", err)
		os.Exit(1)
	}
}
