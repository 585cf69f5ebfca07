package authtest

import (
	"maps"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// maxTags bounds the tags of a pool.
const maxTags = 50

// checkArn checks that an ARN names this pool.
func (c *call) checkArn(arn string) *apiError {
	if arn != c.pool.arn() {
		return resourceNotFound(msgResourceNotFound)
	}
	return nil
}

type tagResourceRequest struct {
	ResourceArn string            `aws:"ResourceArn,Arn,required"`
	Tags        map[string]string `aws:"Tags,Tags,required"`
}

func tagResource(c *call, r *tagResourceRequest) (*empty, *apiError) {
	if err := c.checkArn(r.ResourceArn); err != nil {
		return nil, err
	}
	tags := maps.Clone(c.pool.settings.UserPoolTags)
	maps.Copy(tags, r.Tags)
	if err := checkTags(tags); err != nil {
		return nil, err
	}
	c.pool.settings.UserPoolTags = tags
	return &empty{}, nil
}

func checkTags(tags map[string]string) *apiError {
	if len(tags) > maxTags {
		return fail(wire.ExceptionUserPoolTagging, msgTagLimit)
	}
	for key := range tags {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return fail(wire.ExceptionUserPoolTagging, msgTagReserved)
		}
	}
	return nil
}

type untagResourceRequest struct {
	ResourceArn string   `aws:"ResourceArn,Arn,required"`
	TagKeys     []string `aws:"TagKeys,TagKey,required"`
}

func untagResource(c *call, r *untagResourceRequest) (*empty, *apiError) {
	if err := c.checkArn(r.ResourceArn); err != nil {
		return nil, err
	}
	tags := maps.Clone(c.pool.settings.UserPoolTags)
	for _, key := range r.TagKeys {
		delete(tags, key)
	}
	c.pool.settings.UserPoolTags = tags
	return &empty{}, nil
}

type listTagsRequest struct {
	ResourceArn string `aws:"ResourceArn,Arn,required"`
}

type listTagsResponse struct {
	Tags map[string]string
}

func listTagsForResource(c *call, r *listTagsRequest) (*listTagsResponse, *apiError) {
	if err := c.checkArn(r.ResourceArn); err != nil {
		return nil, err
	}
	return &listTagsResponse{c.pool.settings.UserPoolTags}, nil
}
