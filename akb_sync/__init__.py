"""Keeps Cisco ACI external EPGs right for Kubernetes workloads behind an L3Out."""
