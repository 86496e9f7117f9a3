// SPDX-License-Identifier: MIT

// What IANA's registry says of ports: name, assignee and description of each row, from Go.
//
//	go run port_info.go 443 8080
package main

/*
#cgo pkg-config: ianareg
#include <ianareg.h>
*/
import "C"

import (
	"fmt"
	"os"
	"strconv"
)

func printPort(registry *C.struct_ianareg, port uint64) {
	var row C.struct_ianareg_row
	var position C.uint32_t

	for C.ianareg_next_row_of_ports(registry, C.uint(port), C.uint(port), nil, &position, &row) == C.IANAREG_OK {
		// Texts live until ianareg_close(); GoString copies them. %q escapes what a terminal would obey.
		fmt.Printf("%d/%s %q %q %q\n", port, C.GoString(row.protocol), C.GoString(row.name),
			C.GoString(row.assignee), C.GoString(row.description))
	}
}

func main() {
	var registry *C.struct_ianareg

	if status, err := C.ianareg_open(nil, &registry); status != C.IANAREG_OK {
		fmt.Fprintln(os.Stderr, "port_info: the snapshot", C.GoString(C.ianareg_status_text(status)), err)
		os.Exit(1)
	}
	defer C.ianareg_close(registry)
	for _, text := range os.Args[1:] {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			fmt.Fprintln(os.Stderr, "port_info:", err)
			os.Exit(1)
		}
		printPort(registry, port)
	}
}
