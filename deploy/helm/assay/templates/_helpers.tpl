{{- define "assay.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "assay.selectorLabels" -}}
app.kubernetes.io/name: assay
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "assay.labels" -}}
{{ include "assay.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* A manifest of deploy/kubernetes under the names and labels of this release: (list $ "base/service.yaml"). */ -}}
{{- define "assay.manifest" -}}
{{- $root := index . 0 -}}
{{- $manifest := $root.Files.Get (printf "files/kubernetes/%s" (index . 1)) | fromYaml -}}
{{- $_ := set $manifest "metadata" (dict "name" (include "assay.fullname" $root) "namespace" $root.Release.Namespace "labels" (include "assay.labels" $root | fromYaml)) -}}
{{- toYaml $manifest -}}
{{- end }}
