// Asks two implementations of NetworkPolicies what they would do: kube-network-policies and Cilium's policy engine.
//
// Standard input has a cluster with questions a line, as JSON; standard output an answer a line, in the same order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	networkingv1 "k8s.io/api/networking/v1"
)

// Pod is a pod with the address it would have.
type Pod struct {
	Namespace string            `json:"namespace"`
	Name      string            `json:"name"`
	IP        string            `json:"ip"`
	Labels    map[string]string `json:"labels"`
	Ports     []Port            `json:"ports"`
}

// Port is a named port of a pod.
type Port struct {
	Name     string `json:"name"`
	Port     int32  `json:"port"`
	Protocol string `json:"protocol"`
}

// Question asks whether a connection may be opened; the ends are addresses, of pods or from outside.
type Question struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Port     int    `json:"port"`
	Protocol string `json:"protocol"`
}

// Cluster is what is asked about. Its policies have the defaults that the API server gives.
type Cluster struct {
	Namespaces map[string]map[string]string `json:"namespaces"`
	Pods       []Pod                        `json:"pods"`
	Policies   []json.RawMessage            `json:"policies"`
	// ClusterPolicies are AdminNetworkPolicy and BaselineAdminNetworkPolicy, which kube-network-policies reads, and
	// ClusterNetworkPolicy, which Cilium reads. What one of them does not read it does not apply.
	ClusterPolicies []json.RawMessage `json:"clusterPolicies"`
	Questions       []Question        `json:"questions"`
}

// Answers has one of each question, in order.
type Answers struct {
	KubeNetworkPolicies []bool `json:"kubeNetworkPolicies"`
	Cilium              []bool `json:"cilium"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	kube, err := newKube()
	if err != nil {
		return err
	}
	reader, writer := bufio.NewReaderSize(in, 1<<20), bufio.NewWriter(out)
	defer writer.Flush()
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			answers, failure := answer(line, kube, logger)
			if failure != nil {
				return failure
			}
			if failure := json.NewEncoder(writer).Encode(answers); failure != nil {
				return failure
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func answer(line []byte, kube *kubeOracle, logger *slog.Logger) (Answers, error) {
	var cluster Cluster
	var answers Answers
	if err := json.Unmarshal(line, &cluster); err != nil {
		return answers, err
	}
	policies := make([]*networkingv1.NetworkPolicy, 0, len(cluster.Policies))
	for _, raw := range cluster.Policies {
		policy := &networkingv1.NetworkPolicy{}
		if err := json.Unmarshal(raw, policy); err != nil {
			return answers, err
		}
		policies = append(policies, policy)
	}
	if err := kube.load(cluster, policies); err != nil {
		return answers, err
	}
	cilium, err := newCilium(cluster, logger)
	if err != nil {
		return answers, err
	}
	for _, question := range cluster.Questions {
		answers.KubeNetworkPolicies = append(answers.KubeNetworkPolicies, kube.allows(question))
		allowed, err := cilium.allows(question)
		if err != nil {
			return answers, fmt.Errorf("%+v: %w", question, err)
		}
		answers.Cilium = append(answers.Cilium, allowed)
	}
	return answers, nil
}
